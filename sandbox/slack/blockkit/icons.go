package blockkit

// The icons of buttons, as inline drawings that need neither a font nor a file.
const (
	iconThumbUp = `<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round">` +
		`<path d="M6.5 9 9.7 2.8c1.5 0 2.2 1 2 2.4L11.3 8h4c1.1 0 1.9 1 1.6 2.1l-1.2 5c-.2.9-1 1.6-2 1.6H6.5M6.5 9v7.7M6.5 9H3.2v7.7h3.3"/></svg>`
	iconThumbDown = `<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round">` +
		`<path d="m6.5 11 3.2 6.2c1.5 0 2.2-1 2-2.4l-.4-2.8h4c1.1 0 1.9-1 1.6-2.1l-1.2-5c-.2-.9-1-1.6-2-1.6H6.5m0 7.7V3.3m0 7.7H3.2V3.3h3.3"/></svg>`
	iconTrash = `<svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round">` +
		`<path d="M3 5.5h14M7.5 5.5v-2h5v2M5 5.5l.8 11h8.4l.8-11M8.3 8.5v5M11.7 8.5v5"/></svg>`
)
