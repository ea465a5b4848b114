const TONES_HZ = [523, 659] as const;
const TONE_S = 0.35;
const PERIOD_MS = 2_500;
const LOUDNESS = 0.12;

/** Two soft tones again and again until the returned function is called; silent where the browser allows no sound yet. */
export function startRinging(): () => void {
  let context: AudioContext;
  try {
    context = new AudioContext();
  } catch {
    return () => undefined;
  }
  const ring = (): void => {
    if (context.state !== "running") return;
    TONES_HZ.forEach((hertz, index) => {
      const tone = context.createOscillator();
      const volume = context.createGain();
      const start = context.currentTime + index * TONE_S;
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.03);
      volume.gain.linearRampToValueAtTime(0, start + TONE_S);
      tone.connect(volume).connect(context.destination);
      tone.start(start);
      tone.stop(start + TONE_S);
    });
  };
  ring();
  const timer = setInterval(ring, PERIOD_MS);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
