import { describe, expect, test } from "vitest";
import { isName, splitLabels, toName } from "./docker-labels.ts";

describe("isName()", () => {
  test("takes what may stand in an identity and in a host name", () => {
    for (const name of ["a", "web", "web-1", "1web", "a".repeat(63)]) expect(isName(name)).toBe(true);
  });

  test("refuses what an identity could be split or forged with", () => {
    const names = ["", "-a", "a-", "A", "a_b", "a.b", "a/b", "a b", "a\n", "../a", "é", "a".repeat(64)];
    for (const name of names) expect(isName(name), JSON.stringify(name)).toBe(false);
  });
});

describe("toName()", () => {
  test("makes the nearest name of what compose allows", () => {
    expect(toName("Shop_web.v1_1")).toBe("shop-web-v1-1");
    expect(toName("__web__")).toBe("web");
    expect(toName("a/../b")).toBe("a-b");
  });

  test("cuts to 63 characters without a dash at the end", () => {
    expect(toName("a".repeat(64))).toBe("a".repeat(63));
    expect(toName(`${"a".repeat(62)}-b`)).toBe("a".repeat(62));
  });

  test("leaves nothing of what has no usable character", () => expect(toName("___")).toBe(""));
});

describe("splitLabels()", () => {
  test("keeps labels that say something to people and drops those of tools", () => {
    const { labels, annotations } = splitLabels({
      tier: "front",
      "istio.io/use-waypoint": "wp",
      "com.docker.compose.project": "shop",
      "org.opencontainers.image.title": "x",
      "desktop.docker.io/binds": "y",
    });
    expect(labels).toEqual({ tier: "front", "istio.io/use-waypoint": "wp" });
    expect(annotations).toEqual(labels);
  });

  test("makes an annotation of a value that no label may have, and nothing of a key that none may have", () => {
    const { labels, annotations } = splitLabels({
      "ambient.istio.io/bypass": "a, b",
      empty: "",
      "two words": "x",
      "a/b/c": "x",
      "-dash": "x",
    });
    expect(labels).toEqual({ empty: "" });
    expect(annotations).toEqual({ "ambient.istio.io/bypass": "a, b", empty: "" });
  });
});
