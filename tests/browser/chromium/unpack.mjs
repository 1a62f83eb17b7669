// node unpack.mjs <folder of the package> <target folder>: the Brotli files of @sparticuz/chromium, inflated; Python does the rest.
import { createReadStream, createWriteStream, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const [source, target] = process.argv.slice(2);
mkdirSync(target, { recursive: true });
for (const name of readdirSync(source).filter((file) => file.endsWith(".br")))
  await pipeline(createReadStream(join(source, name)), createBrotliDecompress(), createWriteStream(join(target, name.slice(0, -3)), { mode: 0o755 }));
