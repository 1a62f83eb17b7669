"""Are the routes without the face really of equal rank? (人脸识别技术应用安全管理办法 art. 10)"""
