/**
 * `GET /reviews/ID`: what readers say. VERSION decides about stars: v1 has none and asks nobody, v2 shows black ones, v3
 * red ones, both asked of the service ratings.
 */
import { fetchJson, idOf, serve } from "./service.ts";

const { env } = process;
const version = env["VERSION"] ?? "v1";
const ratingsUrl = env["RATINGS_URL"] ?? "http://ratings:9080/ratings";
const color = version === "v1" ? undefined : version === "v2" ? "black" : "red";

const READERS = [
  { reviewer: "Reviewer1", text: "Two pairs of twins and one long afternoon: I laughed on every page." },
  { reviewer: "Reviewer2", text: "Funny, quick, and a little thin beside the later plays." },
];

function starsOf(found: unknown, reviewer: string): number | undefined {
  const { ratings } = (found ?? {}) as { ratings?: Record<string, number> };
  return ratings?.[reviewer];
}

serve("Reviews", async (path, request) => {
  const id = idOf(path, "reviews");
  if (id === undefined) return { status: 404, json: { error: "write /reviews/ID" } };
  const found = color === undefined ? undefined : await fetchJson(`${ratingsUrl}/${id}`, request.headers);
  const reviews = READERS.map(({ reviewer, text }) => {
    if (color === undefined) return { reviewer, text };
    const stars = starsOf(found, reviewer);
    const rating = stars === undefined ? { error: "ratings does not answer" } : { stars, color };
    return { reviewer, text, rating };
  });
  return {
    status: 200,
    json: { id: String(id), podname: env["HOSTNAME"] ?? "", clustername: env["CLUSTER"] ?? "local", reviews },
  };
});
