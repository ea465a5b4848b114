const WIDTH = 640;
const HEIGHT = 360;
const FRAMES_PER_S = 20;
const CELL = 16;

/**
 * A test picture without a camera: coloured cells that all change with every frame, so that no encoder can leave
 * anything out and the rate it is given gets used.
 */
export function createTestPicture(): { readonly track: MediaStreamTrack; stop(): void } {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d", { alpha: false });
  const track = canvas.captureStream(FRAMES_PER_S).getVideoTracks()[0];
  if (!pen || !track) throw new Error("this browser cannot film a canvas");
  const draw = (): void => {
    for (let y = 0; y < HEIGHT; y += CELL)
      for (let x = 0; x < WIDTH; x += CELL) {
        pen.fillStyle = `hsl(${Math.floor(Math.random() * 360)} 60% ${30 + Math.floor(Math.random() * 40)}%)`;
        pen.fillRect(x, y, CELL, CELL);
      }
  };
  draw();
  const timer = setInterval(draw, 1_000 / FRAMES_PER_S);
  return {
    track,
    stop() {
      clearInterval(timer);
      track.stop();
    },
  };
}
