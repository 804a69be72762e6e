package deploy_test

import (
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	security "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// cluster holds what kustomize makes of a directory.
type cluster struct {
	namespace corev1.Namespace
	account   corev1.ServiceAccount
	set       appsv1.StatefulSet // of the directory kubernetes
	replicas  appsv1.Deployment  // of the directory kubernetes-replicated
	budget    policyv1.PodDisruptionBudget
	service   corev1.Service
	network   networkingv1.NetworkPolicy
	database  networkingv1.NetworkPolicy
	settings  corev1.ConfigMap
	secrets   corev1.Secret
}

// template returns the template of the pods.
func (c *cluster) template() corev1.PodTemplateSpec {
	if c.set.Name != "" {
		return c.set.Spec.Template
	}
	return c.replicas.Spec.Template
}

// pod returns the pod's specification.
func (c *cluster) pod() corev1.PodSpec { return c.template().Spec }

// kinds are the directories, each with the objects that it has beside the common ones.
var kinds = map[string][]string{
	"kubernetes":            {"StatefulSet enjobridge"},
	"kubernetes-replicated": {"Deployment enjobridge", "PodDisruptionBudget enjobridge", "NetworkPolicy enjobridge-database"},
}

// eachKind runs a test with what kustomize makes of each directory.
func eachKind(t *testing.T, test func(*testing.T, *cluster)) {
	for name := range kinds {
		t.Run(name, func(t *testing.T) { test(t, render(t, name)) })
	}
}

// render runs kustomize in a directory, with the examples as the operator's files. Fields that
// Kubernetes does not know are errors.
func render(t *testing.T, name string) *cluster {
	t.Helper()
	dir := t.TempDir()
	for kind := range kinds {
		copyWithSettings(t, kind, filepath.Join(dir, kind))
	}
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	var c cluster
	objects := c.objects()
	missing := append([]string{
		"Namespace enjobridge", "ServiceAccount enjobridge", "Service enjobridge", "NetworkPolicy enjobridge", "ConfigMap enjobridge-settings", "Secret enjobridge-secrets",
	}, kinds[name]...)
	for _, resource := range resources.Resources() {
		found := resource.GetKind() + " " + withoutHash(resource.GetKind(), resource.GetName())
		if !slices.Contains(missing, found) {
			t.Fatalf("there is another object: %s", found)
		}
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == found })
		text, err := resource.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.UnmarshalStrict(text, objects[found]); err != nil {
			t.Errorf("%s: %v", found, err)
		}
	}
	if len(missing) > 0 {
		t.Fatalf("missing: %q", missing)
	}
	return &c
}

// withoutHash returns the name of an object without the hash of its content, which kustomize
// adds to those that it generates.
func withoutHash(kind, name string) string {
	if at := strings.LastIndex(name, "-"); kind == "ConfigMap" || kind == "Secret" {
		return name[:at]
	}
	return name
}

// objects returns where each object is decoded to, by its kind and its name.
func (c *cluster) objects() map[string]any {
	return map[string]any{
		"Namespace enjobridge": &c.namespace, "ServiceAccount enjobridge": &c.account, "Service enjobridge": &c.service,
		"StatefulSet enjobridge": &c.set, "Deployment enjobridge": &c.replicas, "PodDisruptionBudget enjobridge": &c.budget,
		"NetworkPolicy enjobridge": &c.network, "NetworkPolicy enjobridge-database": &c.database,
		"ConfigMap enjobridge-settings": &c.settings, "Secret enjobridge-secrets": &c.secrets,
	}
}

// copyWithSettings copies a directory, and makes its examples the operator's files.
func copyWithSettings(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Glob(filepath.Join(to, "*.example"))
	if err != nil || len(examples) == 0 {
		t.Fatalf("the examples are %q, %v", examples, err)
	}
	for _, example := range examples {
		if err := os.Rename(example, strings.TrimSuffix(example, ".example")); err != nil {
			t.Fatal(err)
		}
	}
}

// Ensure that Kubernetes admits the pod in its namespace, by the strictest standard.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/
func TestKubernetesPodIsRestricted(t *testing.T) {
	eachKind(t, func(t *testing.T, c *cluster) {
		if level := c.namespace.Labels[security.EnforceLevelLabel]; level != string(security.LevelRestricted) {
			t.Errorf("the namespace enforces %q", level)
		}
		evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
		if err != nil {
			t.Fatal(err)
		}
		spec, meta := c.pod(), c.template().ObjectMeta
		level := security.LevelVersion{Level: security.LevelRestricted, Version: security.LatestVersion()}
		for _, result := range evaluator.EvaluatePod(level, &meta, &spec) {
			if !result.Allowed {
				t.Errorf("%s: %s", result.ForbiddenReason, result.ForbiddenDetail)
			}
		}
	})
}

// Ensure what the standard does not ask for: the root cannot be written to, the user is
// the image's, and the pod has no access to Kubernetes.
func TestKubernetesPodIsConfined(t *testing.T) {
	eachKind(t, func(t *testing.T, c *cluster) {
		spec := c.pod()
		if readOnly := spec.Containers[0].SecurityContext.ReadOnlyRootFilesystem; readOnly == nil || !*readOnly {
			t.Error("its root can be written to")
		}
		for name, automount := range map[string]*bool{"pod": spec.AutomountServiceAccountToken, "account": c.account.AutomountServiceAccountToken} {
			if automount == nil || *automount {
				t.Errorf("the %s mounts a token", name)
			}
		}
		if spec.ServiceAccountName != c.account.Name || spec.EnableServiceLinks == nil || *spec.EnableServiceLinks {
			t.Errorf("account %s, links %v", spec.ServiceAccountName, spec.EnableServiceLinks)
		}
		user, _, _ := strings.Cut(instruction(t, "USER "), ":")
		if got := *spec.SecurityContext.RunAsUser; user != "65532" || got != 65532 || *spec.SecurityContext.FSGroup != 65532 {
			t.Errorf("the image's user is %s, the pod's %d", user, got)
		}
	})
}

// Ensure that one process uses one store, which is in the volume, and gets the time
// that it needs to stop.
func TestKubernetesStore(t *testing.T) {
	c := render(t, "kubernetes")
	if replicas := c.set.Spec.Replicas; replicas == nil || *replicas != 1 {
		t.Errorf("it has %v replicas", replicas)
	}
	if c.set.Spec.PodManagementPolicy != appsv1.ParallelPodManagement {
		t.Error("a pod that is not ready is never replaced")
	}
	if grace := c.pod().TerminationGracePeriodSeconds; grace == nil || *grace < 40 {
		t.Errorf("it is killed after %v s", grace)
	}
	container := c.pod().Containers[0]
	storage := variable(t, container, "STORAGE")
	for _, mount := range container.VolumeMounts {
		if mount.MountPath == path.Dir(storage) && mount.Name == c.set.Spec.VolumeClaimTemplates[0].Name {
			return
		}
	}
	t.Errorf("%s is in none of %+v", storage, container.VolumeMounts)
}

// Ensure that the settings that name the files of secrets name keys of the secret, where
// it is mounted.
func TestKubernetesSecretsAreFiles(t *testing.T) {
	eachKind(t, func(t *testing.T, c *cluster) {
		container := c.pod().Containers[0]
		at := slices.IndexFunc(container.VolumeMounts, func(m corev1.VolumeMount) bool { return m.Name == "secrets" })
		if at < 0 || !container.VolumeMounts[at].ReadOnly {
			t.Fatalf("the mounts are %+v", container.VolumeMounts)
		}
		volumes := c.pod().Volumes
		if volume := volumes[len(volumes)-1]; volume.Name != "secrets" || volume.Secret.SecretName != c.secrets.Name {
			t.Errorf("the volume is %+v, the secret %s", volume, c.secrets.Name)
		}
		for key := range c.secrets.Data {
			if got, want := variable(t, container, key+"_FILE"), path.Join(container.VolumeMounts[at].MountPath, key); got != want {
				t.Errorf("%s is in %s, want %s", key, got, want)
			}
		}
		if name := container.EnvFrom[0].ConfigMapRef.Name; name != c.settings.Name {
			t.Errorf("the settings are %s, the pod's %s", c.settings.Name, name)
		}
	})
}

// Ensure that the probes, the service and the network policy meet the port that
// enjobridge listens at, and that only a process that is stuck is restarted.
func TestKubernetesProbes(t *testing.T) {
	eachKind(t, func(t *testing.T, c *cluster) {
		container := c.pod().Containers[0]
		port := container.Ports[0]
		if listens := portOf(t, variable(t, container, "HTTP_ADDR")); int(port.ContainerPort) != listens {
			t.Errorf("it listens at %d, the port is %d", listens, port.ContainerPort)
		}
		for probe, want := range map[*corev1.Probe]string{container.StartupProbe: "/healthz", container.LivenessProbe: "/healthz", container.ReadinessProbe: "/readyz"} {
			if got := probe.HTTPGet; got.Path != want || got.Port != intstr.FromString(port.Name) {
				t.Errorf("it probes %+v, want %s", got, want)
			}
		}
		for name, target := range map[string]intstr.IntOrString{"service": c.service.Spec.Ports[0].TargetPort, "policy": *c.network.Spec.Ingress[0].Ports[0].Port} {
			if target != intstr.FromString(port.Name) {
				t.Errorf("the port of the %s is %v", name, target)
			}
		}
		labels := c.template().Labels
		for key, value := range c.service.Spec.Selector {
			if labels[key] != value || c.network.Spec.PodSelector.MatchLabels[key] != value {
				t.Errorf("the pod's labels are %v", labels)
			}
		}
		if c.set.Name != "" && c.set.Spec.ServiceName != c.service.Name {
			t.Errorf("the pod's service is %s", c.set.Spec.ServiceName)
		}
	})
}

// Ensure that the pod can open connections for DNS and HTTPS only, and for HTTPS to public
// addresses only.
func TestKubernetesNetwork(t *testing.T) {
	rules := render(t, "kubernetes").network
	if !slices.Contains(rules.Spec.PolicyTypes, networkingv1.PolicyTypeEgress) || !slices.Contains(rules.Spec.PolicyTypes, networkingv1.PolicyTypeIngress) {
		t.Errorf("the policy limits %v", rules.Spec.PolicyTypes)
	}
	var ports []string
	for _, rule := range rules.Spec.Egress {
		for _, port := range rule.Ports {
			ports = append(ports, string(*port.Protocol)+" "+port.Port.String())
		}
		if len(rule.Ports) == 0 {
			t.Error("a rule allows all ports")
		}
	}
	if want := []string{"UDP 53", "TCP 53", "TCP 443"}; !slices.Equal(ports, want) {
		t.Errorf("it can connect to %q", ports)
	}
	https := rules.Spec.Egress[len(rules.Spec.Egress)-1]
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2001:4860:4860::8888": true,
		"10.1.2.3": false, "100.64.1.2": false, "169.254.169.254": false, "172.31.1.2": false, "192.168.1.2": false, "fd00::1": false, "fe80::1": false,
	} {
		if got := allows(https, netip.MustParseAddr(address)); got != want {
			t.Errorf("HTTPS to %s is allowed: %v", address, got)
		}
	}
	if len(rules.Spec.Ingress) != 1 || len(rules.Spec.Ingress[0].From) == 0 {
		t.Errorf("it accepts connections from %+v", rules.Spec.Ingress)
	}
}

// allows reports whether a rule allows connections to an address.
func allows(rule networkingv1.NetworkPolicyEgressRule, address netip.Addr) bool {
	in := func(cidr string) bool { return netip.MustParsePrefix(cidr).Contains(address) }
	return len(rule.To) == 0 || slices.ContainsFunc(rule.To, func(peer networkingv1.NetworkPolicyPeer) bool {
		return peer.IPBlock == nil || in(peer.IPBlock.CIDR) && !slices.ContainsFunc(peer.IPBlock.Except, in)
	})
}

// variable returns an environment variable of the container.
func variable(t *testing.T, container corev1.Container, name string) string {
	t.Helper()
	for _, env := range container.Env {
		if env.Name == name {
			return env.Value
		}
	}
	t.Errorf("the container has no %s", name)
	return ""
}
