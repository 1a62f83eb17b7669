"""Guardians of people under 14: who may consent to a child's face check (个人信息保护法 art. 31; 人脸识别技术应用安全管理办法 art. 7)."""
