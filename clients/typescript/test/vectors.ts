/** The calls that clients of every language must get the same answers to. */
import { readFileSync } from "node:fs";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";

/** One call and the answer to expect; see clients/conformance/README.md. */
export interface Vector {
  name: string;
  method: string;
  timeoutSeconds: number;
  request: JsonObject;
  expect: {
    code: string;
    values?: Record<string, JsonValue>;
    reason?: string;
    violations?: { code: string; path: string }[];
  };
}

/** Reads the file that the variable `ALATAU_VECTORS` names. */
export function readVectors(): Vector[] {
  return JSON.parse(readFileSync(setting("ALATAU_VECTORS"), "utf8")).vectors;
}

/** Returns an environment variable that a run cannot do without. */
export function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name}; clients/conformance/README.md tells to what.`);
  return value;
}

/** Returns the value at a path such as `plan.routes[0].vehicleType`. */
export function valueAt(root: JsonValue, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const step of path.match(/[^.[\]]+/g) ?? []) {
    if (value === null || typeof value !== "object") return undefined;
    value = Array.isArray(value) ? value[Number(step)] : value[step];
  }
  return value;
}
