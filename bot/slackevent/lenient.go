package slackevent

import "encoding/json"

// loose decodes the fields of a value that have the expected type, and leaves the
// others empty.
type loose[T any] struct{ value T }

// UnmarshalJSON implements [json.Unmarshaler].
func (l *loose[T]) UnmarshalJSON(data []byte) error {
	// After a field of another type, decoding continues.
	_ = json.Unmarshal(data, &l.value)
	return nil
}

// looseString is a string that is empty where JSON has another type.
type looseString string

// UnmarshalJSON implements [json.Unmarshaler].
func (s *looseString) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*s = looseString(text)
	}
	return nil
}

// looseBool is false where JSON has another type.
type looseBool bool

// UnmarshalJSON implements [json.Unmarshaler].
func (b *looseBool) UnmarshalJSON(data []byte) error {
	*b = string(data) == "true"
	return nil
}
