// Reads a JSON list of markdown texts and writes what each of three readers makes of each text.
import { readFileSync } from "node:fs";
import MarkdownIt from "markdown-it";
import { marked } from "marked";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";

const markdownIt = new MarkdownIt({ html: true });
const github = { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] };
const drawn = JSON.parse(readFileSync(0, "utf8")).map((text) => ({
  marked: marked.parse(text),
  micromark: micromark(text, github),
  "markdown-it": markdownIt.render(text),
}));
process.stdout.write(JSON.stringify(drawn));
