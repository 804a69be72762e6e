package storage

import (
	"reflect"
	"strings"
	"unicode"
)

// operationNames are the names of the operations that differ from those of the methods:
// metrics carry them, and dashboards query them.
var operationNames = map[string]string{
	"ResetConversation": "renew",
	"UpdateTicket":      "tell_ticket",
	"Watermark":         "swept",
	"SetWatermark":      "set_swept",
	"SetOutcome":        "settle",
	"Increment":         "tally",
	"FirstTime":         "once",
}

// OperationSetAside is reported when a damaged record was set aside; see [Store.Observe].
const OperationSetAside = "set_aside"

// Operations returns the names with which a [Store] reports its operations, by the names of
// its methods; see [Store.Observe].
func Operations() map[string]string {
	operations := make(map[string]string)
	for method := range reflect.TypeFor[Store]().Methods() {
		if name := method.Name; name != "Observe" && name != "Close" {
			operations[name] = operationName(name)
		}
	}
	return operations
}

// operationName returns the name of a method's operation: the method's name in snake case,
// unless it has an older one.
func operationName(method string) string {
	if name, ok := operationNames[method]; ok {
		return name
	}
	var b strings.Builder
	for i, r := range method {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
