package blocks

import (
	"fmt"
	"time"
)

// Ago says an age as people do.
func Ago(age time.Duration) string {
	if age < 2*time.Hour {
		return fmt.Sprintf("%d min", int(age.Minutes()))
	}
	return fmt.Sprintf("%d h", int(age.Hours()))
}
