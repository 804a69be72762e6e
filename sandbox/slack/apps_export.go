package slack

// manifestExport is https://docs.slack.dev/reference/methods/apps.manifest.export.
func (w *Workspace) manifestExport(req request) (object, error) {
	switch {
	case req.text("app_id") != w.app.appID || !w.pages.exists:
		return nil, Error("app_not_found")
	case w.manifest.written == nil:
		return nil, Error("failed_export")
	}
	return object{"manifest": w.manifest.written}, nil
}
