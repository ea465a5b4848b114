import { lumaOfRgba, takeLuma, workingSize, type WorkingSize } from "./luma";

/** Formats whose first plane is luma (W3C WebCodecs 9.4). */
const PLANAR = /^(I420|I422|I444|NV12)/;

/** Takes the luma of camera frames at the size that is tracked. For a worker. */
export class LumaReader {
  size: WorkingSize | null = null;
  gray = new Uint8Array(0);
  #bytes = new Uint8Array(0);
  #canvas: OffscreenCanvasRenderingContext2D | null = null;

  /** Fills `gray`; false when the frame cannot be read. True in `resized` when `gray` is another one than before. */
  async read(frame: VideoFrame): Promise<{ ok: boolean; resized: boolean }> {
    const { width, height } = frame.visibleRect ?? { width: frame.codedWidth, height: frame.codedHeight };
    const rotation = "rotation" in frame && typeof frame.rotation === "number" ? frame.rotation : 0;
    const size = workingSize(width, height, rotation);
    if (!size) return { ok: false, resized: false };
    const resized = size.width !== this.size?.width || size.height !== this.size.height;
    if (resized) this.gray = new Uint8Array(size.width * size.height);
    this.size = size;
    if (frame.format !== null && PLANAR.test(frame.format)) await this.#copy(frame, size);
    else this.#draw(frame, size);
    return { ok: true, resized };
  }

  async #copy(frame: VideoFrame, size: WorkingSize): Promise<void> {
    const length = frame.allocationSize();
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(length);
    const [luma] = await frame.copyTo(this.#bytes);
    if (luma) takeLuma(this.#bytes.subarray(luma.offset), luma.stride, size, this.gray);
  }

  /** Frames that live in the graphics card alone: drawn small, which turns them upright as well. */
  #draw(frame: VideoFrame, { width, height }: WorkingSize): void {
    if (!this.#canvas || this.#canvas.canvas.width !== width || this.#canvas.canvas.height !== height)
      this.#canvas = new OffscreenCanvas(width, height).getContext("2d", {
        willReadFrequently: true,
      });
    if (!this.#canvas) return;
    this.#canvas.drawImage(frame, 0, 0, width, height);
    lumaOfRgba(this.#canvas.getImageData(0, 0, width, height).data, this.gray);
  }
}
