/** `GET /ratings/ID`: stars by reviewer. Book 13 always fails, so that there is something to find. */
import { idOf, serve } from "./service.ts";

const UNLUCKY = 13;

serve("Ratings", (path) => {
  const id = idOf(path, "ratings");
  if (id === undefined) return { status: 404, json: { error: "write /ratings/ID" } };
  if (id === UNLUCKY) return { status: 500, json: { error: `no ratings for book ${UNLUCKY}` } };
  return { status: 200, json: { id, ratings: { Reviewer1: 5, Reviewer2: 4 } } };
});
