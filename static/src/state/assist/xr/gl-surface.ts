import { workingSize } from "../luma";
import { drawMarks, type OverlayLook, type OverlayMark } from "../overlay";
import type { OpenSurface, XrLuma, XrSurface } from "./surface";
import type { XrCamera, XrFrame, XrSession, XrView } from "./webxr";

/** The longer side of what is published: as the plain camera is asked for. */
const PUBLISHED_MAX = 1_280;
/** Marks are drawn at most so large and then stretched: they are lines, and phones' displays are fine. */
const MARKS_MAX = 1_280;
/** Lumas that are on their way back from the graphics card. */
const READS = 3;

const CORNERS = `#version 300 es
out vec2 place;
void main() {
  // One triangle that covers everything.
  vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  place = 0.5 + 0.5 * corner;
  gl_Position = vec4(corner, 0.0, 1.0);
}`;
const PICTURE = `#version 300 es
precision mediump float;
uniform sampler2D picture;
in vec2 place;
out vec4 color;
void main() { color = vec4(texture(picture, place).rgb, 1.0); }`;
const MARKS = `#version 300 es
precision mediump float;
uniform sampler2D picture;
in vec2 place;
out vec4 color;
void main() { color = texture(picture, vec2(place.x, 1.0 - place.y)); }`;
/** Four lumas (ITU-R BT.601) beside each other make one pixel; the first row is the picture's top. Each is the mean of four. */
const LUMA = `#version 300 es
precision highp float;
uniform sampler2D picture;
uniform vec2 size;
in vec2 place;
out vec4 four;
float luma(vec2 at) {
  vec3 sum = vec3(0.0);
  for (int k = 0; k < 4; k++) {
    vec2 off = vec2(k < 2 ? -0.25 : 0.25, k % 2 == 0 ? -0.25 : 0.25);
    vec2 from = (at + off) / size;
    sum += texture(picture, vec2(from.x, 1.0 - from.y)).rgb;
  }
  return dot(sum, vec3(0.299, 0.587, 0.114)) / 4.0;
}
void main() {
  vec2 first = vec2(4.0 * floor(gl_FragCoord.x) + 0.5, gl_FragCoord.y);
  four = vec4(luma(first), luma(first + vec2(1.0, 0.0)), luma(first + vec2(2.0, 0.0)), luma(first + vec2(3.0, 0.0)));
}`;

interface XrLayer {
  readonly framebuffer: WebGLFramebuffer | null;
  getViewport(view: XrView): { x: number; y: number; width: number; height: number } | null;
}
interface XrGlobals {
  readonly XRWebGLLayer: new (session: XrSession, gl: WebGL2RenderingContext, options: object) => XrLayer;
  readonly XRWebGLBinding: new (
    session: XrSession,
    gl: WebGL2RenderingContext,
  ) => { getCameraImage(camera: XrCamera): WebGLTexture | null };
}

interface Reading {
  readonly buffer: WebGLBuffer;
  sync: WebGLSync | null;
  width: number;
  height: number;
  atMs: number;
}

/** The graphics card's part: camera to canvas, camera to luma without waiting for it, and marks over the camera. */
class GlSurface implements XrSurface {
  readonly track: MediaStreamTrack;
  readonly #gl: WebGL2RenderingContext;
  readonly #canvas = document.createElement("canvas");
  /** What is published is drawn on a canvas of its own: the layer's may hold marks. */
  readonly #published: CanvasRenderingContext2D;
  readonly #marks: CanvasRenderingContext2D;
  readonly #binding: { getCameraImage(camera: XrCamera): WebGLTexture | null };
  readonly #layer: XrLayer;
  readonly #programs: { picture: WebGLProgram; marks: WebGLProgram; luma: WebGLProgram };
  readonly #marksTexture: WebGLTexture;
  readonly #lumaTexture: WebGLTexture;
  readonly #lumaTarget: WebGLFramebuffer;
  readonly #readings: Reading[] = [];
  #lumaSize = "";
  #next = 0;
  #oldest = 0;

  constructor(
    session: XrSession,
    private readonly look: OverlayLook,
  ) {
    const { XRWebGLLayer, XRWebGLBinding } = globalThis as unknown as XrGlobals;
    const options = { xrCompatible: true, antialias: false, alpha: true, depth: false } as const;
    const gl = this.#canvas.getContext("webgl2", options) as WebGL2RenderingContext | null;
    const published = document.createElement("canvas").getContext("2d", { alpha: false });
    const marks = document.createElement("canvas").getContext("2d");
    if (!gl || !published || !marks) throw new Error("no graphics");
    this.#gl = gl;
    this.#published = published;
    this.#marks = marks;
    this.#binding = new XRWebGLBinding(session, gl);
    this.#layer = new XRWebGLLayer(session, gl, { antialias: false, depth: false });
    (session as XrSession & { updateRenderState(state: object): void }).updateRenderState({
      baseLayer: this.#layer,
    });
    this.#programs = {
      picture: program(gl, PICTURE),
      marks: program(gl, MARKS),
      luma: program(gl, LUMA),
    };
    this.#marksTexture = texture(gl);
    this.#lumaTexture = texture(gl);
    this.#lumaTarget = gl.createFramebuffer();
    for (let k = 0; k < READS; k++)
      this.#readings.push({ buffer: gl.createBuffer(), sync: null, width: 0, height: 0, atMs: 0 });
    // Frames are named one by one: none is taken that was not asked for.
    const [track] = published.canvas.captureStream(0).getVideoTracks();
    if (!track) throw new Error("no track of a canvas");
    this.track = track;
  }

  publish(view: XrView, atMs: number): boolean {
    const { camera } = view;
    const picture = camera ? this.#binding.getCameraImage(camera) : null;
    if (!camera || !picture) return false;
    this.#show(picture, camera);
    this.#readLuma(picture, camera, atMs);
    return true;
  }

  read(): XrLuma | null {
    const gl = this.#gl;
    const reading = this.#readings[this.#oldest];
    if (!reading?.sync) return null;
    const state = gl.clientWaitSync(reading.sync, 0, 0);
    if (state === gl.TIMEOUT_EXPIRED) return null;
    gl.deleteSync(reading.sync);
    reading.sync = null;
    this.#oldest = (this.#oldest + 1) % READS;
    const { width, height, atMs } = reading;
    const gray = new Uint8Array(width * height);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, reading.buffer);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, gray);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    return state === gl.WAIT_FAILED ? null : { gray, width, height, atMs };
  }

  drawMarks(_: XrFrame, view: XrView, marks: readonly OverlayMark[]): void {
    const viewport = this.#layer.getViewport(view);
    if (!viewport || marks.length === 0) return;
    const gl = this.#gl;
    const pen = this.#marks;
    const scale = Math.min(1, MARKS_MAX / Math.max(viewport.width, viewport.height));
    const width = Math.round(scale * viewport.width);
    const height = Math.round(scale * viewport.height);
    if (pen.canvas.width !== width || pen.canvas.height !== height)
      Object.assign(pen.canvas, { width, height });
    else pen.clearRect(0, 0, width, height);
    const look = { ...this.look, ratio: this.look.ratio * scale };
    drawMarks(pen, marks, { x: 0, y: 0, width, height }, look);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#layer.framebuffer);
    gl.viewport(viewport.x, viewport.y, viewport.width, viewport.height);
    gl.bindTexture(gl.TEXTURE_2D, this.#marksTexture);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, pen.canvas);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.#fill(this.#programs.marks);
    gl.disable(gl.BLEND);
  }

  close(): void {
    this.track.stop();
    // The context goes with its canvas; what it holds is given back at once.
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  // ------------------------------------------------------------ inside

  #show(picture: WebGLTexture, camera: XrCamera): void {
    const gl = this.#gl;
    const scale = Math.min(1, PUBLISHED_MAX / Math.max(camera.width, camera.height));
    // Encoders want even sides.
    const width = 2 * Math.round((scale * camera.width) / 2);
    const height = 2 * Math.round((scale * camera.height) / 2);
    for (const canvas of [this.#canvas, this.#published.canvas])
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, width, height);
    gl.bindTexture(gl.TEXTURE_2D, picture);
    this.#fill(this.#programs.picture);
    this.#published.drawImage(this.#canvas, 0, 0);
    (this.track as CanvasCaptureMediaStreamTrack).requestFrame();
  }

  #readLuma(picture: WebGLTexture, camera: XrCamera, atMs: number): void {
    const gl = this.#gl;
    const size = workingSize(camera.width, camera.height);
    const reading = this.#readings[this.#next];
    // All on their way: the card is slow, and this frame is not looked at.
    if (!size || !reading || reading.sync) return;
    const width = size.width & ~3;
    const { height } = size;
    if (this.#lumaSize !== `${width}x${height}`) {
      this.#lumaSize = `${width}x${height}`;
      gl.bindTexture(gl.TEXTURE_2D, this.#lumaTexture);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width / 4, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
      gl.bindFramebuffer(gl.FRAMEBUFFER, this.#lumaTarget);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.#lumaTexture, 0);
    }
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#lumaTarget);
    gl.viewport(0, 0, width / 4, height);
    gl.bindTexture(gl.TEXTURE_2D, picture);
    gl.useProgram(this.#programs.luma);
    gl.uniform2f(gl.getUniformLocation(this.#programs.luma, "size"), width, height);
    this.#fill(this.#programs.luma);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, reading.buffer);
    if (reading.width !== width || reading.height !== height)
      gl.bufferData(gl.PIXEL_PACK_BUFFER, width * height, gl.STREAM_READ);
    gl.readPixels(0, 0, width / 4, height, gl.RGBA, gl.UNSIGNED_BYTE, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    Object.assign(reading, { width, height, atMs, sync: gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0) });
    gl.flush();
    this.#next = (this.#next + 1) % READS;
  }

  #fill(used: WebGLProgram): void {
    this.#gl.useProgram(used);
    this.#gl.drawArrays(this.#gl.TRIANGLES, 0, 3);
  }
}

function program(gl: WebGL2RenderingContext, fragment: string): WebGLProgram {
  const made = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, CORNERS],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type);
    if (!shader) throw new Error("no graphics");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  if (gl.getProgramParameter(made, gl.LINK_STATUS) !== true)
    throw new Error(`shader: ${gl.getProgramInfoLog(made) ?? ""}`);
  return made;
}

function texture(gl: WebGL2RenderingContext): WebGLTexture {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, made);
  for (const [name, value] of [
    [gl.TEXTURE_MIN_FILTER, gl.LINEAR],
    [gl.TEXTURE_MAG_FILTER, gl.LINEAR],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
    [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
  ] as const)
    gl.texParameteri(gl.TEXTURE_2D, name, value);
  return made;
}

export const openGlSurface =
  (look: () => OverlayLook): OpenSurface =>
  (session) =>
    new GlSurface(session, look());
