// The service, typed by its own OpenAPI document: `npm run schema` writes schema.d.ts.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

export const service = createClient<paths>({
  baseUrl: process.env.ISOMORPH ?? "http://127.0.0.1:8080",
});
