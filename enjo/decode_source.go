package enjo

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// maxSources is how many sources are kept of a reply; more help nobody.
const maxSources = 100

// sources are published as an array of objects. A lone object, and strings in
// place of objects, are understood as well.
type sources []source

// source is published as an object of these fields.
type source struct {
	Type  text  `json:"type"`
	Name  text  `json:"name"`
	Score score `json:"score"`
	URL   text  `json:"url"`
}

// UnmarshalJSON never fails.
func (s *sources) UnmarshalJSON(raw []byte) error {
	if len(*s) > 0 {
		return nil
	}
	if raw[0] != '[' {
		s.add(raw)
		return nil
	}
	for e := range elements(raw) {
		if s.add(e); len(*s) == maxSources {
			break
		}
	}
	return nil
}

// add appends the source that raw describes, if it describes one.
func (s *sources) add(raw []byte) {
	var one source
	switch raw[0] {
	case '{':
		if json.Unmarshal(raw, &one) != nil {
			return
		}
	case '"':
		one.Name = text(scalar(raw))
		if isLink(string(one.Name)) {
			one.Name, one.URL = "", one.Name
		}
	}
	if one != (source{}) {
		*s = append(*s, one)
	}
}

// isLink reports whether s is meant as a link, not whether it is safe.
func isLink(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// normalised returns the sources with scores from 0 to 1.
//
// Whether the API's go to 1 or to 100 is not published. One above 1 tells that
// it is 100, for all of a reply; just above 1 it is a rounding error instead.
func (s sources) normalised() []Source {
	const roundingError = 0.05
	scale := 1.0
	for _, one := range s {
		if one.Score.given && !one.Score.percent && one.Score.value > 1+roundingError {
			scale = 100
		}
	}
	var normalised []Source
	for _, one := range s {
		normalised = append(normalised, Source{
			Type: string(one.Type), Name: string(one.Name), URL: string(one.URL), Score: one.Score.on(scale),
		})
	}
	return normalised
}

// score is published as a number. A string with one is understood as well,
// also one such as "87%".
type score struct {
	given   bool
	value   float64 // finite, not negative
	percent bool
}

// UnmarshalJSON never fails.
func (s *score) UnmarshalJSON(raw []byte) error {
	if s.given || raw[0] == '{' || raw[0] == '[' {
		return nil
	}
	number, percent := strings.CutSuffix(strings.TrimSpace(scalar(raw)), "%")
	value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	// NaN and infinities, which strings can hold, are no scores and no JSON.
	if err == nil && value >= 0 && !math.IsInf(value, 0) {
		*s = score{given: true, value: value, percent: percent}
	}
	return nil
}

// on returns the score from 0 to 1, for scores that go up to scale; -1 if none was given.
func (s score) on(scale float64) float64 {
	switch {
	case !s.given:
		return -1
	case s.percent:
		scale = 100
	}
	return min(s.value/scale, 1)
}
