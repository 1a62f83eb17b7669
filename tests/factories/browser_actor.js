// A camera before which somebody acts: getUserMedia gives a canvas on which a person does what the prompt on the screen says.
// Which person, and what is done for which prompt, is asked anew each time the camera is opened; without a person the browser's own
// camera is used. No two frames are alike: the head drifts, the light changes, the sensor makes noise.
(() => {
  const devices = navigator.mediaDevices;
  if (!devices) return;
  const own = devices.getUserMedia.bind(devices);
  const FPS = 15, TICK = 33;
  const decoded = (text) => createImageBitmap(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], { type: "image/jpeg" }));
  const grain = () => {
    const sheet = new OffscreenCanvas(720, 560), pen = sheet.getContext("2d"), dots = pen.createImageData(720, 560);
    for (let at = 0; at < dots.data.length; at += 4) {
      dots.data[at] = dots.data[at + 1] = dots.data[at + 2] = Math.random() * 255;
      dots.data[at + 3] = 255;
    }
    pen.putImageData(dots, 0, 0);
    return sheet;
  };
  const asked = (words) => {
    for (const place of document.querySelectorAll(".live-word")) {
      if (place.offsetParent !== null && words[place.textContent.trim()]) return words[place.textContent.trim()];
    }
    return null;
  };

  devices.getUserMedia = async (wanted) => {
    const role = JSON.parse(await window.askActor("role"));
    if (!role.person) return own(wanted);
    const packed = JSON.parse(await window.askActor(role.person));
    const films = {};
    for (const [action, frames] of Object.entries(packed)) films[action] = await Promise.all(frames.map(decoded));
    const canvas = document.createElement("canvas"), pen = canvas.getContext("2d"), noise = grain();
    [canvas.width, canvas.height] = [640, 480];
    const phase = Array.from({ length: 6 }, () => Math.random() * 2 * Math.PI);
    let seen = null, acts = [];
    const draw = () => {
      const now = performance.now() / 1000;
      const prompt = asked(role.words);
      if (prompt !== seen) {
        seen = prompt;
        let start = now + role.reaction;
        acts = (prompt ? role.does[prompt] : []).map((action) => {
          const act = { film: films[action], start };
          start += films[action].length / FPS + 0.3;
          return act;
        });
      }
      const act = acts.find((one) => now >= one.start && now < one.start + one.film.length / FPS);
      const picture = act ? act.film[Math.floor((now - act.start) * FPS)] : films.neutral[0];
      const sway = (speed, number) => Math.sin(speed * now + phase[number]);
      const zoom = 1.02 + 0.012 * sway(0.8, 0);
      pen.setTransform(zoom, 0, 0, zoom, 320 + 5 * sway(0.7, 1) - 320 * zoom, 240 + 4 * sway(1.1, 2) - 240 * zoom);
      pen.drawImage(picture, 0, 0);
      pen.setTransform(1, 0, 0, 1, 0, 0);
      const light = 0.02 * sway(2.1, 3) + 0.015 * sway(3.7, 4);
      pen.fillStyle = light > 0 ? `rgba(255,255,255,${light})` : `rgba(0,0,0,${-light})`;
      pen.fillRect(0, 0, 640, 480);
      pen.globalAlpha = 0.03;
      pen.drawImage(noise, -Math.floor(Math.random() * 80), -Math.floor(Math.random() * 80));
      pen.globalAlpha = 1;
    };
    draw();
    const stream = canvas.captureStream(30), [track] = stream.getVideoTracks();
    const timer = setInterval(() => {
      if (track.readyState === "live") return draw();
      clearInterval(timer);
      Object.values(films).flat().forEach((frame) => frame.close());
    }, TICK);
    return stream;
  };
})();
