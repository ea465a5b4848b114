import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env["TONGXIN_DEV_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../collab/web",
    emptyOutDir: true,
    target: "es2022",
    // The page's policy forbids inline anything, data: scripts included.
    assetsInlineLimit: 0,
    cssCodeSplit: true,
    modulePreload: { polyfill: false },
    manifest: "assets/manifest.json",
  },
  css: { modules: { localsConvention: "camelCaseOnly" } },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": server,
      "/ws": { target: server, ws: true },
      "/whip": server,
      "/whep": server,
      "/healthz": server,
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
