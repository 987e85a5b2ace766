import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds a running head-end; the built console is served by the head-end itself. */
const headend = process.env['TIEPOINT_HEADEND'] ?? 'https://127.0.0.1:8443';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  server: { proxy: { '/api': { target: headend, changeOrigin: false, secure: false } } },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    rolldownOptions: {
      // Of the protocol the console needs its rules and word lists, not its codec: what nobody imports has no effect and stays out.
      treeshake: { moduleSideEffects: (id) => !/\/protocol\/src\/|\/cbor-x\//.test(id) },
    },
  },
});
