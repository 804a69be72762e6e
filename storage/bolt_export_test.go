package storage

import (
	"bytes"
	"testing"
)

// Ensure that each bucket with records is exported, so that a migration forgets none.
func TestExportsAreComplete(t *testing.T) {
	exported := map[string]bool{string(bucketAbout): true} // it is about the file
	for _, e := range exports {
		exported[string(e.bucket)] = true
	}
	for _, bucket := range buckets {
		if !exported[string(bucket)] {
			t.Errorf("the bucket %s is not exported", bucket)
		}
	}
	for _, index := range indexes {
		if exported[string(index)] || bytes.Equal(index, bucketAbout) {
			t.Errorf("the index %s is exported", index)
		}
	}
}
