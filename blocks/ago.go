package blocks

import (
	"strconv"
	"time"
)

// Ago says an age as people do.
func Ago(age time.Duration) string {
	if age < 2*time.Hour {
		return wordsMinutes.Text("n", strconv.Itoa(int(age.Minutes())))
	}
	return wordsHours.Text("n", strconv.Itoa(int(age.Hours())))
}
