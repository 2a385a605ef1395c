package alatau.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import alatau.airtaxi.v1.PlanningServiceGrpc;
import alatau.freight.v1.DockServiceGrpc;
import alatau.freight.v1.FlowServiceGrpc;
import alatau.freight.v1.RoutingServiceGrpc;
import alatau.jobs.v1.SolveJobServiceGrpc;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sends every conformance vector to a running server and compares the answers. */
class ConformanceTest {
  private static final List<ServiceDescriptor> SERVICES =
      List.of(
          PlanningServiceGrpc.getServiceDescriptor(),
          DockServiceGrpc.getServiceDescriptor(),
          FlowServiceGrpc.getServiceDescriptor(),
          RoutingServiceGrpc.getServiceDescriptor(),
          SolveJobServiceGrpc.getServiceDescriptor());

  private static ManagedChannel channel;

  @BeforeAll
  static void open() {
    channel = Server.connect();
  }

  @AfterAll
  static void close() {
    channel.shutdownNow();
  }

  static List<Vector> vectors() throws IOException {
    return Vector.read();
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void answersAsExpected(Vector vector) throws IOException {
    MethodDescriptor<Message, Message> method = methodOf(vector.method());
    if (vector.expect().code().equals("OK")) {
      assertValues(call(method, vector), vector.expect().values());
    } else {
      assertRefused(
          assertThrows(StatusRuntimeException.class, () -> call(method, vector)), vector.expect());
    }
  }

  @SuppressWarnings("unchecked") // the marshallers of generated stubs are of messages
  private static MethodDescriptor<Message, Message> methodOf(String name) {
    return SERVICES.stream()
        .flatMap(service -> service.getMethods().stream())
        .filter(method -> method.getFullMethodName().equals(name))
        .map(method -> (MethodDescriptor<Message, Message>) method)
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not among the stubs"));
  }

  /** Makes the call; of a stream, returns the last message. */
  private static Message call(MethodDescriptor<Message, Message> method, Vector vector)
      throws InvalidProtocolBufferException {
    var marshaller = (PrototypeMarshaller<Message>) method.getRequestMarshaller();
    Message.Builder request = marshaller.getMessagePrototype().newBuilderForType();
    JsonFormat.parser().merge(vector.request().toString(), request);
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(
            (long) (vector.timeoutSeconds() * 1000), TimeUnit.MILLISECONDS);
    if (method.getType() == MethodDescriptor.MethodType.UNARY) {
      return ClientCalls.blockingUnaryCall(channel, method, options, request.build());
    }
    Iterator<Message> answers =
        ClientCalls.blockingServerStreamingCall(channel, method, options, request.build());
    Message last = answers.next();
    while (answers.hasNext()) {
      last = answers.next();
    }
    return last;
  }

  private static void assertValues(Message answer, Map<String, JsonElement> expected)
      throws InvalidProtocolBufferException {
    String text = JsonFormat.printer().alwaysPrintFieldsWithNoPresence().print(answer);
    JsonElement found = JsonParser.parseString(text);
    expected.forEach((path, value) -> assertEquals(value, Vector.valueAt(found, path), path));
  }

  private static void assertRefused(StatusRuntimeException refusal, Vector.Expect expected)
      throws InvalidProtocolBufferException {
    assertEquals(expected.code(), refusal.getStatus().getCode().name(), refusal.getMessage());
    List<Vector.Violation> violations = new ArrayList<>();
    for (Any detail : StatusProto.fromThrowable(refusal).getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        assertEquals(expected.reason(), detail.unpack(ErrorInfo.class).getReason());
      } else if (detail.is(BadRequest.class)) {
        detail.unpack(BadRequest.class).getFieldViolationsList().stream()
            .map(found -> new Vector.Violation(found.getReason(), found.getField()))
            .forEach(violations::add);
      }
    }
    assertEquals(expected.violations(), violations);
  }
}
