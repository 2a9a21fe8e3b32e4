import { expect, test } from "bun:test";
import { greet } from "./greet.ts";

test("greets by name", () => {
	expect(greet("hello", "world")).toBe("hello, world");
});

test("greets nobody in particular", () => {
	expect(greet("hello", "")).toBe("hello");
});
