/** The first call of a newcomer: typed stubs, nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { RoutingService } from "../src/gen/alatau/freight/v1/routing_service_pb.js";
import { setting } from "./vectors.js";

test("routes for one van that goes round two stops cost 5 + 6 + 5", async () => {
  const transport = createGrpcTransport({ baseUrl: `http://${setting("ALATAU_ADDRESS")}` });
  const routing = createClient(RoutingService, transport);
  const place = (id: string, x: number, y: number) =>
    ({ id, position: { case: "planar", value: { x, y } } }) as const;

  const { plan } = await routing.solveRoutePlan(
    {
      problem: {
        locations: [place("hub", 0, 0), place("east", 3, 4), place("west", -3, 4)],
        depots: [{ id: "hub", location: "hub" }],
        vehicleTypes: [{ id: "van", start: "hub", end: "hub" }],
        travel: { default: { kind: { case: "planar", value: {} } } },
        visits: [
          { id: "a", location: "east" },
          { id: "b", location: "west" },
        ],
      },
      options: { timeLimit: { seconds: 1n } },
    },
    { timeoutMs: 20_000 },
  );

  assert.equal(plan?.feasible, true);
  assert.equal(plan?.cost?.total, 16n);
  assert.equal(plan?.routes[0]?.stops.length, 2);
});
