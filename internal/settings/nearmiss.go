package settings

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// nearMisses reports variables whose names nearly match the name of a setting that is not
// set. Without that, a misspelled setting would have its default, such as an
// ALLOWED_CHANNEL that leaves the bot open to all channels.
func (r *reader) nearMisses() {
	used.Lock()
	defer used.Unlock()
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		r.nearMiss(name, value, name)
	}
	for _, v := range used.file.variables {
		r.nearMiss(v.name, v.value, fmt.Sprintf("%s in %s:%d", v.name, used.file.path, v.line))
	}
}

// nearMiss reports a variable if its name nearly matches a setting. If the setting is in
// the environment or the env file, too, even empty, the variable is for another program.
func (r *reader) nearMiss(name, value, shown string) {
	if runtime.GOOS == "windows" {
		name = strings.ToUpper(name) // case does not matter there
	}
	if strings.TrimSpace(value) == "" || isSetting(name) || isInjected(name) {
		return
	}
	base, inFile := strings.CutSuffix(name, fileSuffix)
	if s := find(base); inFile && s.name != "" && !isPresent(base) {
		r.problem(shown, fmt.Sprintf("is not a setting: only secrets can be in files; set %s itself", base))
		return
	}
	if setting := nearest(name); setting != "" && !isPresent(setting) && !isPresent(twin(setting)) {
		r.problem(shown, fmt.Sprintf("is not a setting: rename it to %s (or, if it is for another program, also set %[1]s, which can be empty)", setting))
	}
}

// isPresent reports whether a variable is in the environment or the env file, maybe empty.
func isPresent(name string) bool {
	_, ok := os.LookupEnv(name)
	return ok || slices.ContainsFunc(used.file.variables, func(v variable) bool { return v.name == name })
}

// isInjected reports whether Kubernetes or Docker adds a variable for a service, whose name
// can be anything. https://kubernetes.io/docs/tutorials/services/connect-applications-service/
func isInjected(name string) bool {
	for _, end := range []string{"_SERVICE_HOST", "_SERVICE_PORT", "_PORT"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return strings.Contains(name, "_SERVICE_PORT_") || strings.Contains(name, "_PORT_")
}

// nearest returns the setting whose name a name nearly matches; empty if there is none.
func nearest(name string) string {
	upper := strings.ToUpper(name)
	best, least := "", maxEdits+1
	for _, s := range all() {
		for _, known := range []string{s.name, s.name + fileSuffix} {
			if known != s.name && !s.secret || max(len(upper)-len(known), len(known)-len(upper)) > maxEdits {
				continue
			}
			distance := editDistance(upper, known)
			if distance < least && isNear(name, known, distance) {
				best, least = known, distance
			}
		}
	}
	return best
}

const (
	// maxEdits is how many edits make a near miss, at most.
	maxEdits = 2
	// longName is the length of names from which more than one edit makes a near miss.
	longName = 11
	// longWord is the length from which a word with two edits is recognisable.
	longWord = 7
)

// isNear reports whether a name that is some edits away from a setting is meant as it. A
// program in the same environment can have variables that are as close by chance, such as
// Django's ALLOWED_HOSTS; so two edits are near only if the word stays recognisable.
func isNear(name, setting string, edits int) bool {
	upper := strings.ToUpper(name)
	switch {
	case name != upper: // variables in lower case are rare, and hardly settings
		return edits == 0 && strings.Contains(name, "_")
	case edits == 1:
		return true
	case edits != maxEdits || min(len(name), len(setting)) < longName:
		return false
	case strings.HasPrefix(setting, "SLACK_") || strings.HasPrefix(setting, "ENJO_"):
		return true
	}
	is, want := strings.Split(name, "_"), strings.Split(setting, "_")
	if len(is) != len(want) {
		return true // a word is split or joined
	}
	for i, word := range want {
		if len(word) < longWord && editDistance(is[i], word) == maxEdits && !isWithin(is[i], word) && !isWithin(word, is[i]) {
			return false
		}
	}
	return true
}

// isWithin reports whether short is long with some letters left out.
func isWithin(short, long string) bool {
	for _, c := range long {
		if short != "" && rune(short[0]) == c {
			short = short[1:]
		}
	}
	return short == ""
}

// editDistance returns how many letters must be inserted, deleted, replaced or swapped with
// the next one to get from a to b.
// https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance#Optimal_string_alignment_distance
func editDistance(a, b string) int {
	var before, last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replaced := last[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			row[j] = min(last[j]+1, row[j-1]+1, replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
