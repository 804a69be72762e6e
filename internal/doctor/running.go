package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"enjobridge/bot"
	"enjobridge/internal/ops"
)

// maxHealth limits the response of a running enjobridge, in bytes.
const maxHealth = 1 << 20

// checkRunning asks an enjobridge that runs with these settings how it is.
func (d *doctor) checkRunning(ctx context.Context) {
	if d.Config.AdminSocket == "" || !d.valid("ADMIN_SOCKET", "STORAGE") {
		return
	}
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	response, err := ops.Client{Socket: d.Config.AdminSocket}.Do(call, http.MethodGet, "/health")
	if err != nil {
		return // none runs; a store in use is reported
	}
	defer response.Body.Close()
	d.running = true
	var health bot.Health
	if err := json.NewDecoder(io.LimitReader(response.Body, maxHealth)).Decode(&health); err != nil {
		d.warn("running", fmt.Sprintf("enjobridge runs, but its health cannot be read: %v", err), "update it to the version of this command")
		return
	}
	report, fix := d.warn, "see its log: lines about problems have a hint"
	if !health.Ready {
		report = d.fail
	}
	for _, reason := range health.Reasons {
		report("running", "enjobridge runs, and says: "+reason, fix)
	}
	if health.Ready && len(health.Reasons) == 0 {
		d.ok("running", "enjobridge runs, and is ready; its connections to Slack are left alone")
	}
}

// checkAddresses checks that the addresses to serve at are free, or served by the running
// enjobridge.
func (d *doctor) checkAddresses(ctx context.Context) {
	for _, a := range []struct{ setting, address, off string }{
		{"HTTP_ADDR", d.Config.HTTPAddr, "off"}, {"WEBHOOK_ADDR", d.Config.WebhookAddr, "nothing"},
	} {
		if a.address == "" || !d.valid(a.setting) {
			continue
		}
		var listen net.ListenConfig
		listener, err := listen.Listen(ctx, "tcp", a.address)
		switch {
		case err == nil:
			_ = listener.Close() // nobody has connected
			d.ok("http", a.setting+" "+a.address+" is free")
		case d.running || d.inUse:
			d.ok("http", a.setting+" "+a.address+" is in use, by the running enjobridge as far as this can be seen")
		default:
			d.fail("http", fmt.Sprintf("enjobridge cannot serve at %s %s: %v", a.setting, a.address, cause(err)),
				fmt.Sprintf("stop the process that uses the address, or set %s to another one, or to %s", a.setting, a.off))
		}
	}
}

// cause returns the reason of an error of the network without the address.
func cause(err error) string {
	if failed, ok := errors.AsType[*net.OpError](err); ok {
		err = failed.Err
	}
	return strings.TrimPrefix(err.Error(), "bind: ")
}
