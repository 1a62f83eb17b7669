"""WeChat: login, subscribe messages, callbacks. Other packages use `service`."""
