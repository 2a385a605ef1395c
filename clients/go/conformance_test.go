package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "alatau/client/gen/alatau/airtaxi/v1"
	_ "alatau/client/gen/alatau/freight/v1"
	_ "alatau/client/gen/alatau/jobs/v1"
)

// TestConformance sends every vector to a running server and compares the
// answers.
func TestConformance(t *testing.T) {
	channel := connect(t)
	for _, v := range readVectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			answer, err := call(t, channel, v)
			if v.Expect.Code != "OK" {
				checkRefused(t, err, v.Expect)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			checkValues(t, answer, v.Expect.Values)
		})
	}
}

// call makes the call of a vector; of a stream, it returns the last message.
func call(t *testing.T, channel *grpc.ClientConn, v vector) (proto.Message, error) {
	t.Helper()
	method := methodOf(t, v.Method)
	request := newMessage(t, method.Input())
	if err := protojson.Unmarshal(v.Request, request); err != nil {
		t.Fatal(err)
	}
	answer := newMessage(t, method.Output())
	ctx, cancel := context.WithTimeout(context.Background(), v.timeout())
	defer cancel()
	if !method.IsStreamingServer() {
		return answer, channel.Invoke(ctx, "/"+v.Method, request, answer)
	}
	stream, err := channel.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/"+v.Method)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(stream.SendMsg(request), stream.CloseSend()); err != nil {
		return nil, err
	}
	for {
		if err := stream.RecvMsg(answer); errors.Is(err, io.EOF) {
			return answer, nil
		} else if err != nil {
			return nil, err
		}
	}
}

func methodOf(t *testing.T, name string) protoreflect.MethodDescriptor {
	t.Helper()
	full := protoreflect.FullName(strings.ReplaceAll(name, "/", "."))
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(full)
	if err != nil {
		t.Fatalf("%s is not among the stubs: %v", name, err)
	}
	return found.(protoreflect.MethodDescriptor)
}

func newMessage(t *testing.T, of protoreflect.MessageDescriptor) proto.Message {
	t.Helper()
	found, err := protoregistry.GlobalTypes.FindMessageByName(of.FullName())
	if err != nil {
		t.Fatal(err)
	}
	return found.New().Interface()
}

func checkValues(t *testing.T, answer proto.Message, expected map[string]any) {
	t.Helper()
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	var found any
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	for path, value := range expected {
		if got := valueAt(found, path); !reflect.DeepEqual(got, value) {
			t.Errorf("%s is %v, expected %v", path, got, value)
		}
	}
}

func checkRefused(t *testing.T, err error, expected expectation) {
	t.Helper()
	refusal := status.Convert(err)
	if name := code.Code(refusal.Code()).String(); name != expected.Code {
		t.Fatalf("code is %s (%s), expected %s", name, refusal.Message(), expected.Code)
	}
	var violations []violation
	for _, detail := range refusal.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			if d.GetReason() != expected.Reason {
				t.Errorf("reason is %s, expected %s", d.GetReason(), expected.Reason)
			}
		case *errdetails.BadRequest:
			for _, found := range d.GetFieldViolations() {
				violations = append(violations, violation{found.GetReason(), found.GetField()})
			}
		}
	}
	if !slices.Equal(violations, expected.Violations) {
		t.Errorf("violations are %v, expected %v", violations, expected.Violations)
	}
}
