/**
 * The shop's front: `GET /productpage` as HTML, and the same as JSON below `/api/v1/products`. Asks details and reviews;
 * a part that is missing is said to be missing, the page still comes.
 */
import { fetchJson, serve, type Page } from "./service.ts";

const { env } = process;
const detailsUrl = env["DETAILS_URL"] ?? "http://details:9080/details";
const reviewsUrl = env["REVIEWS_URL"] ?? "http://reviews:9080/reviews";
const ratingsUrl = env["RATINGS_URL"] ?? "http://ratings:9080/ratings";

const PRODUCT = {
  id: 0,
  title: "The Comedy of Errors",
  descriptionHtml: "An early and very short comedy about two pairs of twins who are taken for each other.",
};

interface Review {
  readonly reviewer: string;
  readonly text: string;
  readonly rating?: { readonly stars?: number; readonly color?: string; readonly error?: string };
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function detailsHtml(details: unknown): string {
  if (details === undefined) return "<p>The details do not answer at the moment.</p>";
  const rows = Object.entries(details as Record<string, unknown>).map(
    ([name, value]) => `<tr><th>${escape(name)}</th><td>${escape(String(value))}</td></tr>`,
  );
  return `<table>${rows.join("")}</table>`;
}

function starsHtml({ rating }: Review): string {
  if (rating === undefined) return "";
  if (rating.stars === undefined) return `<p><i>${escape(rating.error ?? "no rating")}</i></p>`;
  return `<p style="color:${rating.color === "red" ? "red" : "black"}">${"★".repeat(rating.stars)}</p>`;
}

function reviewsHtml(found: unknown): string {
  if (found === undefined) return "<p>The reviews do not answer at the moment.</p>";
  const { reviews, podname } = found as { reviews: readonly Review[]; podname: string };
  const entries = reviews.map(
    (review) =>
      `<blockquote><p>${escape(review.text)}</p><cite>${escape(review.reviewer)}</cite>${starsHtml(review)}</blockquote>`,
  );
  return `${entries.join("")}<p>Reviews served by: ${escape(podname)}</p>`;
}

function pageHtml(details: unknown, reviews: unknown): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Simple Bookstore App</title>
<style>body{font:16px system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}th{text-align:left;padding-right:1rem}
main{display:grid;grid-template-columns:1fr 1fr;gap:2rem}</style></head>
<body><h1>${escape(PRODUCT.title)}</h1><p>${escape(PRODUCT.descriptionHtml)}</p>
<main><section><h2>Book Details</h2>${detailsHtml(details)}</section>
<section><h2>Book Reviews</h2>${reviewsHtml(reviews)}</section></main></body></html>
`;
}

function orMissing(found: unknown, what: string): Page {
  if (found !== undefined) return { status: 200, json: found };
  return { status: 503, json: { error: `the ${what} do not answer` } };
}

serve("Product page", async (path, { headers }) => {
  if (path === "/" || path === "/productpage") {
    const [details, reviews] = await Promise.all([
      fetchJson(`${detailsUrl}/${PRODUCT.id}`, headers),
      fetchJson(`${reviewsUrl}/${PRODUCT.id}`, headers),
    ]);
    return { status: 200, html: pageHtml(details, reviews) };
  }
  if (path === "/api/v1/products") return { status: 200, json: [PRODUCT] };
  const match = /^\/api\/v1\/products\/([0-9]{1,9})(?:\/(reviews|ratings))?$/.exec(path);
  if (match === null) return { status: 404, json: { error: "no such page" } };
  const [, id = "0", part] = match;
  if (part === "reviews") return orMissing(await fetchJson(`${reviewsUrl}/${id}`, headers), "reviews");
  if (part === "ratings") return orMissing(await fetchJson(`${ratingsUrl}/${id}`, headers), "ratings");
  return orMissing(await fetchJson(`${detailsUrl}/${id}`, headers), "details");
});
