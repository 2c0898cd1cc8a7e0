/** `GET /details/ID`: what the shop knows about a book. */
import { idOf, serve } from "./service.ts";

serve("Details", (path) => {
  const id = idOf(path, "details");
  if (id === undefined) return { status: 404, json: { error: "write /details/ID" } };
  return {
    status: 200,
    json: {
      id,
      author: "William Shakespeare",
      year: 1595,
      type: "paperback",
      pages: 96,
      publisher: "Ambit Press",
      language: "English",
      "ISBN-10": "0000000000",
      "ISBN-13": "000-0000000000",
    },
  };
});
