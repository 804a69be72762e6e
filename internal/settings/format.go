package settings

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// day is the longest unit of a duration; time.ParseDuration does not know it.
const day = 24 * time.Hour

// boolean checks a value for yes or no.
func (r *reader) boolean(name, value string) bool {
	switch strings.ToLower(value) {
	case "true", "t", "yes", "y", "on", "1":
		return true
	case "false", "f", "no", "n", "off", "0":
	default:
		r.problem(name, "must be true or false")
	}
	return false
}

func (r *reader) count(name, value string, low, high int) int {
	n, err := strconv.Atoi(value)
	if err != nil || n < low || n > high {
		r.problem(name, fmt.Sprintf("must be a number from %d to %d", low, high))
	}
	return n
}

func (r *reader) duration(name, value string, low, high time.Duration) time.Duration {
	d, err := ParseDuration(value)
	if err != nil || d < low || d > high {
		r.problem(name, fmt.Sprintf("must be a duration from %s to %s, such as 30s, 5m, 12h or 30d", showDuration(low), showDuration(high)))
	}
	return d
}

// ParseDuration parses a duration as [time.ParseDuration] does, but it can begin with a
// number of days: 30d, 1d12h. Case does not matter.
func ParseDuration(text string) (time.Duration, error) {
	text = strings.ToLower(text)
	days, rest, ok := strings.Cut(text, "d")
	if !ok {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseUint(days, 10, 16)
	if err != nil {
		return 0, errors.New("the number of days is invalid")
	}
	d := time.Duration(n) * day
	if rest == "" {
		return d, nil
	}
	part, err := time.ParseDuration(rest)
	if err != nil || part < 0 || d+part < d {
		return 0, errors.New("the part below a day is invalid")
	}
	return d + part, nil
}

// showDuration returns a duration as in the documentation: 10m, 48h, 30d.
func showDuration(d time.Duration) string {
	if d > 2*day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// oneOf returns the allowed word that a value is, in any case.
func (r *reader) oneOf(name, value string, allowed ...string) string {
	for _, word := range allowed {
		if strings.EqualFold(word, value) {
			return word
		}
	}
	words := slices.DeleteFunc(allowed, func(s string) bool { return s == "" })
	last := len(words) - 1
	r.problem(name, "must be "+strings.Join(words[:last], ", ")+" or "+words[last])
	return value
}

// isOff reports whether a value turns a feature off.
func isOff(value string) bool { return strings.EqualFold(value, "off") }
