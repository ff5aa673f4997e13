// Builds src/ into ../static/dist: bundled, minified, split, with hashed names, and compressed copies beside them.
// dist/meta.json maps the names that templates use ("site.js", "map.css", "worker.js") to the hashed files.
import { build, context } from "esbuild";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "..", "static", "dist");

const sassPlugin = {
  name: "sass",
  setup(builder) {
    builder.onLoad({ filter: /\.scss$/ }, ({ path }) => {
      const result = compile(path, { loadPaths: [join(here, "node_modules")], quietDeps: true });
      return {
        contents: result.css,
        loader: "css",
        resolveDir: dirname(path),
        watchFiles: result.loadedUrls.map((url) => fileURLToPath(url)),
      };
    });
  },
};

const options = {
  absWorkingDir: here,
  entryPoints: {
    site: "src/site.js",
    map: "src/map/main.js",
    difference: "src/difference.js",
    hearing: "src/hearing/main.js",
    editor: "src/editor/main.js",
    worker: "maplibre-gl/dist/maplibre-gl-worker.mjs",
    "site-style": "src/style/site.scss",
    "map-style": "src/style/map.scss",
    "editor-style": "src/style/editor.scss",
    "leaflet-style": "leaflet/dist/leaflet.css",
  },
  bundle: true,
  minify: true,
  format: "esm",
  splitting: true,
  target: "es2022",
  loader: { ".woff2": "file", ".png": "file", ".svg": "file" },
  entryNames: "[name]-[hash]",
  chunkNames: "c-[hash]",
  assetNames: "a-[hash]",
  legalComments: "linked",
  metafile: true,
  outdir: dist,
  plugins: [sassPlugin],
};

// The light map's document is made of classic scripts, so Leaflet is one too.
const classicOptions = { ...options, entryPoints: { leaflet: "leaflet/dist/leaflet.js" }, format: "iife", splitting: false };

async function writeManifest(metafiles) {
  const manifest = {};
  for (const [path, output] of metafiles.flatMap((metafile) => Object.entries(metafile.outputs))) {
    const name = basename(path);
    if (output.entryPoint) {
      const extension = name.slice(name.lastIndexOf("."));
      manifest[name.replace(/-[A-Z0-9]{8}\./, ".").replace("-style.css", ".css").replace(/\.[a-z]+$/, extension)] = name;
    } else if (name.endsWith(".woff2")) {
      manifest["font.woff2"] = name;
    }
  }
  await writeFile(join(dist, "meta.json"), JSON.stringify(manifest, null, 2));
}

async function compressAll() {
  for (const name of await readdir(dist)) {
    if (!/\.(js|css|svg)$/.test(name)) continue;
    const bytes = await readFile(join(dist, name));
    await writeFile(join(dist, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    await writeFile(join(dist, `${name}.br`), brotliCompressSync(bytes));
  }
}

if (process.argv.includes("--watch")) {
  const classic = await build(classicOptions);
  const plugin = {
    name: "manifest",
    setup(builder) {
      builder.onEnd((result) => result.metafile && writeManifest([result.metafile, classic.metafile]));
    },
  };
  const watcher = await context({ ...options, minify: false, plugins: [...options.plugins, plugin] });
  await watcher.watch();
} else {
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  const results = [await build(options), await build(classicOptions)];
  await writeManifest(results.map((result) => result.metafile));
  await compressAll();
}
