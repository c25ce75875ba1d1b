package logs

// places are where the class programs keep their logs. Some come as a snap or
// a Flatpak too, and then write into a home of their own.
var places = []place{
	at("zoom", "home", ".zoom/logs/*.log", ".var/app/us.zoom.Zoom/.zoom/logs/*.log", "snap/zoom-client/*/.zoom/logs/*.log"),
	at("teams", "home", ".config/teams-for-linux/logs/*.log", ".config/Microsoft/Microsoft Teams/logs.txt",
		".var/app/com.github.IsmaelMartinez.teams_for_linux/config/teams-for-linux/logs/*.log", "snap/teams-for-linux/*/.config/teams-for-linux/logs/*.log"),
	at("tencent_meeting", "home", ".local/share/wemeetapp/Global/Logs/*.log", ".local/share/wemeetapp/Logs/*.log", ".config/wemeet/Global/Logs/*.log"),
	at("voov", "home", ".local/share/voovmeetingapp/Global/Logs/*.log", ".local/share/voovmeetingapp/Logs/*.log"),
	at("dingtalk", "home", ".config/DingTalk/log/*.log", ".config/DingTalk/logs/*.log", ".config/DingTalk/globallog/*.log"),
	at("feishu", "home", ".config/LarkShell/sdk_storage/log/*.log", ".config/LarkShell/sdk_storage/log/*/*.log", ".config/LarkShell/logs/*.log"),
	at("classin", "home", ".config/ClassIn/logs/*.log", ".config/ClassIn/log/*.log", ".local/share/ClassIn/logs/*.log"),
	at("wecom", "home", ".config/WXWork/Log/*.log", ".deepinwine/com.qq.weixin.work.deepin/drive_c/users/*/Application Data/Tencent/WXWork/Log/*.log",
		".deepinwine/com.qq.weixin.work.deepin/drive_c/users/*/AppData/Roaming/Tencent/WXWork/Log/*.log"),
	at("webex", "home", ".local/share/Webex/*.txt", ".local/share/Webex/*.log"),
	at("jitsi", "home", ".config/Jitsi Meet/logs/*.log"),
}
