package deploy_test

import (
	"maps"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	appsv1 "k8s.io/api/apps/v1"
)

// maxSockets is how many connections all replicas open together; Slack allows ten.
// https://docs.slack.dev/apis/events-api/using-socket-mode/
const maxSockets = 9

// Ensure that an update starts a replica before it ends another, that the replicas need no
// volume, and that all of them, with two connections each, have what Slack allows.
func TestKubernetesReplicas(t *testing.T) {
	c := render(t, "kubernetes-replicated")
	spec := c.replicas.Spec
	if spec.Replicas == nil || *spec.Replicas != 3 {
		t.Fatalf("it has %v replicas", spec.Replicas)
	}
	update := spec.Strategy.RollingUpdate
	if spec.Strategy.Type != appsv1.RollingUpdateDeploymentStrategyType || update.MaxUnavailable.IntValue() != 0 || update.MaxSurge.IntValue() != 1 {
		t.Errorf("it updates by %+v", spec.Strategy)
	}
	if most := 2 * (int(*spec.Replicas) + update.MaxSurge.IntValue()); most > maxSockets {
		t.Errorf("during an update it wants %d connections", most)
	}
	if grace := c.pod().TerminationGracePeriodSeconds; grace == nil || *grace < 40 {
		t.Errorf("it is killed after %v s", grace)
	}
	for _, volume := range c.pod().Volumes {
		if volume.PersistentVolumeClaim != nil {
			t.Errorf("it needs the volume %s", volume.Name)
		}
	}
}

// Ensure that draining a node ends one replica at a time, and that the budget and the spread
// are about the pods.
func TestKubernetesDisruptionBudget(t *testing.T) {
	c := render(t, "kubernetes-replicated")
	if most := c.budget.Spec.MaxUnavailable; most == nil || most.IntValue() != 1 {
		t.Errorf("%v replicas can end at the same time", most)
	}
	labels := c.template().Labels
	if got := c.budget.Spec.Selector.MatchLabels; !maps.Equal(got, labels) {
		t.Errorf("the budget is about %v", got)
	}
	spread := c.pod().TopologySpreadConstraints
	if len(spread) != 1 || !maps.Equal(spread[0].LabelSelector.MatchLabels, labels) {
		t.Errorf("the spread is %+v", spread)
	}
}

// Ensure that the pods can reach the port of PostgreSQL, in addition to what all can reach.
func TestKubernetesDatabase(t *testing.T) {
	c := render(t, "kubernetes-replicated")
	rules := c.database.Spec
	if !maps.Equal(rules.PodSelector.MatchLabels, c.template().Labels) {
		t.Errorf("the policy is about %v", rules.PodSelector.MatchLabels)
	}
	if len(rules.Egress) != 1 || len(rules.Egress[0].To) == 0 || len(rules.Egress[0].Ports) != 1 || rules.Egress[0].Ports[0].Port.IntValue() != 5432 {
		t.Errorf("it allows %+v", rules.Egress)
	}
	if len(c.secrets.Data["STORAGE"]) == 0 {
		t.Error("the secret has no address of the database")
	}
}

// Ensure that Compose starts replicas that share a database, and no file, once it answers.
func TestComposeReplicas(t *testing.T) {
	project, service := composed(t, "compose-replicated.yml")
	if n := service.GetScale(); n != 3 || 2*n > maxSockets {
		t.Errorf("there are %d replicas", n)
	}
	if len(service.Volumes) > 0 || len(service.Ports) > 0 {
		t.Errorf("replicas cannot share the volumes %+v and the ports %+v", service.Volumes, service.Ports)
	}
	if waits := service.DependsOn["database"]; waits.Condition != types.ServiceConditionHealthy {
		t.Errorf("it starts when the database is %s", waits.Condition)
	}
	if database := project.Services["database"]; len(database.Ports) > 0 || len(database.Volumes) != 1 || database.Volumes[0].Type != types.VolumeTypeVolume {
		t.Errorf("the database has the ports %+v and the volumes %+v", database.Ports, database.Volumes)
	}
}
