package enjo

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// mistype changes the types of values in a JSON document: of all values other
// than objects and arrays, or only of the field with this name, such as
// "data.sources".
func mistype(document []byte, field string) []byte {
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		panic(err) // the document was just generated
	}
	m := mistyper{field: field}
	spoilt, err := json.Marshal(m.walk(v, nil))
	if err != nil {
		panic(err) // unmarshalled data can be marshalled
	}
	return spoilt
}

type mistyper struct {
	field string
	turn  int // cycles through the types, so that a document gets wrong types of all kinds
}

func (m *mistyper) walk(v any, path []string) any {
	if m.field != "" && strings.Join(path, ".") == m.field {
		return m.wrong(v)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			v[key] = m.walk(v[key], append(path, key))
		}
	case []any:
		for i := range v {
			v[i] = m.walk(v[i], path)
		}
	default:
		if m.field == "" {
			return m.wrong(v)
		}
	}
	return v
}

// wrong returns a value of a different type than v.
func (m *mistyper) wrong(v any) any {
	if _, ok := v.(string); !ok {
		text, err := json.Marshal(v)
		if err != nil {
			panic(err) // unmarshalled data can be marshalled
		}
		return string(text)
	}
	m.turn++
	return []any{[]any{v}, 1042, map[string]any{"value": v}, nil, true}[m.turn%5]
}
