package client

import (
	"encoding/json"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// A vector is one call and the answer to expect; see
// clients/conformance/README.md.
type vector struct {
	Name           string
	Method         string
	TimeoutSeconds float64
	Request        json.RawMessage
	Expect         expectation
}

type expectation struct {
	Code       string
	Values     map[string]any
	Reason     string
	Violations []violation
}

type violation struct {
	Code string
	Path string
}

func (v vector) timeout() time.Duration {
	return time.Duration(v.TimeoutSeconds * float64(time.Second))
}

// setting returns an environment variable that a run cannot do without.
func setting(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("set %s; clients/conformance/README.md tells to what", name)
	}
	return value
}

// connect opens a channel to the server that ALATAU_ADDRESS names.
func connect(t *testing.T) *grpc.ClientConn {
	t.Helper()
	channel, err := grpc.NewClient(
		setting(t, "ALATAU_ADDRESS"),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = channel.Close() })
	return channel
}

func readVectors(t *testing.T) []vector {
	t.Helper()
	text, err := os.ReadFile(setting(t, "ALATAU_VECTORS"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Vectors
}

var step = regexp.MustCompile(`[^.\[\]]+`)

// valueAt returns the value at a path such as plan.routes[0].vehicleType, or
// nil.
func valueAt(root any, path string) any {
	for _, name := range step.FindAllString(path, -1) {
		switch node := root.(type) {
		case map[string]any:
			root = node[name]
		case []any:
			position, err := strconv.Atoi(name)
			if err != nil || position >= len(node) {
				return nil
			}
			root = node[position]
		default:
			return nil
		}
	}
	return root
}
