// Package deploy_test checks the files for Docker and Kubernetes with their own libraries.
// They are large, so this directory is a separate module, and `go test ./...` in the
// directory above does not run these tests.
package deploy_test
