package slackevent

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Object is a JSON object whose fields are read one by one: one of an unexpected type
// hides no other.
type Object map[string]json.RawMessage

// DecodeObject decodes a JSON object.
func DecodeObject(raw []byte) (Object, error) {
	var o Object
	if err := json.Unmarshal(raw, &o); err != nil {
		return nil, fmt.Errorf("decoding an object: %w", err)
	}
	if o == nil {
		return nil, errors.New("decoding an object: it is null")
	}
	return o, nil
}

// Field returns a field as a T: the zero value if it is missing or null, and false if
// it has another type.
func Field[T any](o Object, name string) (value T, ok bool) {
	raw, found := o[name]
	if !found {
		return value, true
	}
	if json.Unmarshal(raw, &value) != nil {
		var zero T
		return zero, false
	}
	return value, true
}

// Text returns a field; empty if it is no string.
func (o Object) Text(name string) string {
	text, _ := Field[string](o, name)
	return text
}

// Object returns a field; nil if it is no object.
func (o Object) Object(name string) Object {
	object, _ := Field[Object](o, name)
	return object
}
