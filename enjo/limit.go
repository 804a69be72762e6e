package enjo

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Limit allows a number of calls in any period of length Per.
type Limit struct {
	Calls int           // at least 1
	Per   time.Duration // more than 0
}

// ParseLimits parses limits such as "10/5s,20/1m": calls, a slash and a
// duration that [time.ParseDuration] accepts, separated by commas. All limits
// apply; their order does not matter.
func ParseLimits(s string) ([]Limit, error) {
	if strings.TrimSpace(s) == "" {
		return nil, errors.New(`no limits: write them like "10/5s,20/1m"`)
	}
	var limits []Limit
	for part := range strings.SplitSeq(s, ",") {
		l, err := parseLimit(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("limit %q: %w", part, err)
		}
		limits = append(limits, l)
	}
	return limits, nil
}

func parseLimit(s string) (Limit, error) {
	number, period, found := strings.Cut(s, "/")
	if !found {
		return Limit{}, errors.New(`write it like "20/1m", calls per time`)
	}
	number, period = strings.TrimSpace(number), strings.TrimSpace(period)

	calls, err := strconv.Atoi(number)
	if err != nil || calls < 1 {
		return Limit{}, fmt.Errorf("%q is not a number of calls, 1 or more", number)
	}
	per, err := time.ParseDuration(period)
	if err != nil || per <= 0 {
		return Limit{}, fmt.Errorf("%q is not a time such as 5s or 1m, more than 0", period)
	}
	return Limit{Calls: calls, Per: per}, nil
}

// String returns l in the format of [ParseLimits], such as "20/1m".
func (l Limit) String() string {
	per := l.Per.String()
	// Duration.String returns 1m0s and 1h0m0s; people write 1m and 1h.
	if strings.HasSuffix(per, "m0s") {
		per = strings.TrimSuffix(per, "0s")
	}
	if strings.HasSuffix(per, "h0m") {
		per = strings.TrimSuffix(per, "0m")
	}
	return strconv.Itoa(l.Calls) + "/" + per
}
