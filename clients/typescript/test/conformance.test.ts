/** Sends every conformance vector to a running server and compares the answers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DescMethod, type DescService, fromJson, type Message, toJson } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { PlanningService } from "../src/gen/alatau/airtaxi/v1/planning_service_pb.js";
import { DockService } from "../src/gen/alatau/freight/v1/docks_service_pb.js";
import { FlowService } from "../src/gen/alatau/freight/v1/flows_service_pb.js";
import { RoutingService } from "../src/gen/alatau/freight/v1/routing_service_pb.js";
import { SolveJobService } from "../src/gen/alatau/jobs/v1/jobs_service_pb.js";
import { BadRequestSchema, ErrorInfoSchema } from "../src/gen/google/rpc/error_details_pb.js";
import { readVectors, setting, valueAt, type Vector } from "./vectors.js";

const SERVICES: DescService[] = [PlanningService, DockService, FlowService, RoutingService, SolveJobService];

/** Returns the descriptor of a method by its full name. */
function methodOf(name: string): DescMethod {
  const [service, method] = name.split("/");
  const found = SERVICES.find((s) => s.typeName === service)?.methods.find((m) => m.name === method);
  assert.ok(found, `${name} is not among the stubs`);
  return found;
}

/** Makes the call; of a stream, returns the last message. */
async function call(transport: Transport, method: DescMethod, vector: Vector): Promise<Message> {
  const request = fromJson(method.input, vector.request);
  const timeout = vector.timeoutSeconds * 1000;
  if (method.methodKind === "unary") {
    const unary = method as DescMethod & { methodKind: "unary" };
    return (await transport.unary(unary, undefined, timeout, undefined, request)).message;
  }
  const streaming = method as DescMethod & { methodKind: "server_streaming" };
  const answer = await transport.stream(streaming, undefined, timeout, undefined, one(request));
  let last: Message | undefined;
  for await (const message of answer.message) last = message;
  assert.ok(last, "the stream was empty");
  return last;
}

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value;
}

/** Compares a refusal with what the vector expects. */
function assertRefused(error: unknown, expected: Vector["expect"]): void {
  const refusal = ConnectError.from(error);
  assert.equal(snake(Code[refusal.code]), expected.code);
  const [info] = refusal.findDetails(ErrorInfoSchema);
  assert.equal(info?.reason, expected.reason);
  const violations = refusal
    .findDetails(BadRequestSchema)
    .flatMap((details) => details.fieldViolations)
    .map((violation) => ({ code: violation.reason, path: violation.field }));
  assert.deepEqual(violations, expected.violations ?? []);
}

/** `InvalidArgument` as `INVALID_ARGUMENT`. */
function snake(name: string | undefined): string {
  return (name ?? "").replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}

describe("conformance", () => {
  const transport = createGrpcTransport({ baseUrl: `http://${setting("ALATAU_ADDRESS")}` });
  for (const vector of readVectors()) {
    test(vector.name, async () => {
      const method = methodOf(vector.method);
      if (vector.expect.code !== "OK") {
        await assert.rejects(call(transport, method, vector), (error) => {
          assertRefused(error, vector.expect);
          return true;
        });
        return;
      }
      const answer = await call(transport, method, vector);
      const json = toJson(method.output, answer, { alwaysEmitImplicit: true });
      for (const [path, value] of Object.entries(vector.expect.values ?? {})) {
        assert.deepEqual(valueAt(json, path), value, path);
      }
    });
  }
});
