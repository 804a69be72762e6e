package sim_test

import "slices"

// allMutants are the faults of all worlds.
var allMutants = slices.Concat(mutants, replicaMutants)

// replicaMutants are the faults that only worlds with replicas show.
var replicaMutants = []mutant{
	{
		name:   "a holder ignores the loss of its lease",
		file:   "bot/replica/held.go",
		old:    "	if now := time.Now(); !h.lost && ended(h.until, now) {\n",
		new:    "	if now := time.Now(); !h.lost && ended(h.until.Add(time.Hour), now) {\n",
		breaks: "a replica whose lease has ended asks and posts nothing more",
	},
	{
		name:   "the lease is rarely asked for",
		file:   "bot/replica/lease.go",
		old:    "		_ = k.await(ctx, pollEvery)\n",
		new:    "		_ = k.await(ctx, 100*pollEvery)\n",
		breaks: "another replica works within fifteen seconds after the one that did has died",
	},
	{
		name:   "announcements are dropped",
		file:   "bot/replica/announcements.go",
		old:    "		if !acted[same] && !k.actOn(ctx, a, attempts, act) {\n",
		new:    "		if !acted[same] && ctx.Err() != nil {\n",
		breaks: "the replica that works learns what the others have accepted",
	},
	{
		name:   "late posts stay",
		file:   "bot/slackapi/late.go",
		old:    "	return true, c.Delete(ctx, p.in.Channel, needless)\n",
		new:    "	return true, nil\n",
		breaks: "a post that came too late is deleted",
	},
}
