package telemetry

import "runtime"

// SetBuild registers the metric that says which version of the program runs, with the
// commit it was built from; empty if that is not known.
func (r *Registry) SetBuild(version, commit string) {
	info := r.Gauges("build_info", "1, with the version that runs.", "version", "commit", "go")
	info.WithLabelValues(version, commit, runtime.Version()).Set(1)
}
