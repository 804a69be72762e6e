package enjo

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseLimits(t *testing.T) {
	tests := []struct {
		in   string
		want []Limit
	}{
		{"10/5s,20/1m", []Limit{{10, 5 * time.Second}, {20, time.Minute}}},
		{"1/1ms", []Limit{{1, time.Millisecond}}},
		{" 20 / 1m , 10/5s ", []Limit{{20, time.Minute}, {10, 5 * time.Second}}},
		{"1000/24h,1000/24h", []Limit{{1000, 24 * time.Hour}, {1000, 24 * time.Hour}}},
		{"3/1h30m", []Limit{{3, 90 * time.Minute}}},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			got, err := ParseLimits(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseLimitsTellsWhatIsWrong(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", `no limits: write them like "10/5s,20/1m"`},
		{" ", `no limits: write them like "10/5s,20/1m"`},
		{"20", `limit "20": write it like "20/1m", calls per time`},
		{"10/5s,", `limit "": write it like "20/1m", calls per time`},
		{"10/5s;20/1m", `limit "10/5s;20/1m": "5s;20/1m" is not a time such as 5s or 1m, more than 0`},
		{"0/1m", `limit "0/1m": "0" is not a number of calls, 1 or more`},
		{"-1/1m", `limit "-1/1m": "-1" is not a number of calls, 1 or more`},
		{"many/1m", `limit "many/1m": "many" is not a number of calls, 1 or more`},
		{"99999999999999999999/1m", `limit "99999999999999999999/1m": "99999999999999999999" is not a number of calls, 1 or more`},
		{"20/min", `limit "20/min": "min" is not a time such as 5s or 1m, more than 0`},
		{"20/60", `limit "20/60": "60" is not a time such as 5s or 1m, more than 0`},
		{"20/0s", `limit "20/0s": "0s" is not a time such as 5s or 1m, more than 0`},
		{"20/-1m", `limit "20/-1m": "-1m" is not a time such as 5s or 1m, more than 0`},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			limits, err := ParseLimits(tt.in)
			if err == nil {
				t.Fatalf("got %v", limits)
			}
			if err.Error() != tt.want {
				t.Errorf("got  %s\nwant %s", err, tt.want)
			}
		})
	}
}

func TestLimitIsWrittenAsPeopleWriteIt(t *testing.T) {
	tests := []struct {
		limit Limit
		want  string
	}{
		{Limit{20, time.Minute}, "20/1m"},
		{Limit{10, 5 * time.Second}, "10/5s"},
		{Limit{1, time.Hour}, "1/1h"},
		{Limit{1, 10 * time.Hour}, "1/10h"},
		{Limit{1, 10 * time.Minute}, "1/10m"},
		{Limit{1, 90 * time.Second}, "1/1m30s"},
		{Limit{1, time.Hour + time.Second}, "1/1h0m1s"},
		{Limit{1, 1500 * time.Millisecond}, "1/1.5s"},
	}
	for _, tt := range tests {
		if got := tt.limit.String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// writeLimits is the inverse of ParseLimits.
func writeLimits(limits []Limit) string {
	var parts []string
	for _, l := range limits {
		parts = append(parts, l.String())
	}
	return strings.Join(parts, ",")
}

func TestLimitsAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Limit {
			return Limit{
				Calls: rapid.IntRange(1, math.MaxInt).Draw(t, "calls"),
				Per:   time.Duration(rapid.Int64Range(1, math.MaxInt64).Draw(t, "per")),
			}
		}), 1, 5).Draw(t, "limits")
		got, err := ParseLimits(writeLimits(want))
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("got %v, %v, want %v", got, err, want)
		}
	})
}

// FuzzParseLimits checks that accepted limits are positive and survive being
// written and parsed again.
func FuzzParseLimits(f *testing.F) {
	for _, s := range []string{"10/5s,20/1m", " 1 / 1h30m ", "1/1.5s", "1/1µs", "20", "0/1m", "1/2562047h47m16.854775807s", ","} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		limits, err := ParseLimits(s)
		if err != nil {
			return
		}
		for _, l := range limits {
			if l.Calls < 1 || l.Per <= 0 {
				t.Errorf("%q gives %v", s, l)
			}
		}
		again, err := ParseLimits(writeLimits(limits))
		if err != nil || !slices.Equal(again, limits) {
			t.Errorf("%q gives %v, and that %v, %v", s, limits, again, err)
		}
	})
}
