import { describe, expect, it } from "vitest";
import { chooseDriver, engineAvailability, explainDriver } from "./choose-driver.ts";

describe("chooseDriver()", () => {
  it.each([
    ["auto", "engine"],
    ["engine", "engine"],
    ["portable", "portable"],
  ] as const)("for %s makes the %s driver and explains it", (preference, name) => {
    const driver = chooseDriver(preference);
    driver.stop();
    expect(driver.name).toBe(name);
    expect(explainDriver(preference)).toMatchObject({ name, reason: expect.stringMatching(/./) });
  });
});

describe("engineAvailability()", () => {
  it("says yes under the pinned runtime, without a reason to say no", () => {
    expect(engineAvailability()).toEqual({ available: true, reason: "" });
  });
});
