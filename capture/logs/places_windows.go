package logs

// places are where the class programs keep their logs.
var places = []place{
	at("zoom", "roaming", "Zoom/logs/*.log", "Zoom/logs/*.txt"),
	at("teams", "local", "Packages/MSTeams_8wekyb3d8bbwe/LocalCache/Microsoft/MSTeams/Logs/*.log").and(
		at("", "roaming", "Microsoft/Teams/logs.txt")),
	at("tencent_meeting", "roaming", "Tencent/WeMeet/Global/Logs/*.log", "Tencent/WeMeet/Logs/*.log").and(
		at("", "local", "Tencent/WeMeet/Logs/*.log")),
	at("voov", "roaming", "Tencent/VooVMeeting/Global/Logs/*.log", "Tencent/VooVMeeting/Logs/*.log"),
	at("dingtalk", "roaming", "DingTalk/log/*.log", "DingTalk/logs/*.log", "DingTalk/globallog/*.log").and(
		at("", "local", "DingTalk/log/*.log")),
	at("feishu", "roaming", "LarkShell/sdk_storage/log/*.log", "LarkShell/sdk_storage/log/*/*.log", "LarkShell/logs/*.log"),
	at("classin", "roaming", "ClassIn/log/*.log", "ClassIn/logs/*.log", "ClassIn/*.log").and(
		at("", "local", "ClassIn/log/*.log", "ClassIn/logs/*.log")),
	at("wecom", "roaming", "Tencent/WXWork/Log/*.log", "Tencent/WXWork/Log/*.txt"),
	at("webex", "local", "CiscoSpark/*.log", "CiscoSpark/*.txt", "CiscoSparkLauncher/*.log", "WebEx/wbxcache/logs/*.log"),
	at("jitsi", "roaming", "Jitsi Meet/logs/*.log"),
}

// and adds patterns in another folder.
func (p place) and(q place) place {
	p.patterns = append(p.patterns, q.patterns...)
	return p
}
