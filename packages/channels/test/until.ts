/** Resolves when `holds` does; looks at each change of the channels. */
export async function until(
  holds: () => boolean,
  ...channels: { onChange(callback: () => void): () => void }[]
): Promise<void> {
  if (holds()) return;
  await new Promise<void>((resolve) => {
    const stops = channels.map((channel) =>
      channel.onChange(() => {
        if (!holds()) return;
        for (const stop of stops) stop();
        resolve();
      }),
    );
  });
}
