package enjo

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// maxSources limits the sources of a reply.
const maxSources = 100

// sources are published as an array of objects. A single object, and strings
// instead of objects, are accepted as well.
type sources []source

// source has the published fields of a source.
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

// add appends the source in raw, if there is one.
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

// isLink reports whether s looks like a link. It does not check whether the
// link is safe.
func isLink(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// normalised returns the sources with scores from 0 to 1.
//
// The API does not document whether scores go up to 1 or to 100. If one score
// is above 1, all scores of the reply go up to 100. A score just above 1 is a
// rounding error.
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

// score is published as a number. A string with a number is accepted as well,
// also with a percent sign, such as "87%".
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
	// Strings can contain NaN and infinities, which are not scores and cannot be
	// written as JSON.
	if err == nil && value >= 0 && !math.IsInf(value, 0) {
		*s = score{given: true, value: value, percent: percent}
	}
	return nil
}

// on returns the score from 0 to 1, given the highest possible score; -1 if
// there is none.
func (s score) on(scale float64) float64 {
	switch {
	case !s.given:
		return -1
	case s.percent:
		scale = 100
	}
	return min(s.value/scale, 1)
}
