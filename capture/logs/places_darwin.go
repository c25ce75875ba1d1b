package logs

const support = "Library/Application Support/"

// places are where the class programs keep their logs. Those from the store
// live in a container.
var places = []place{
	at("zoom", "home", "Library/Logs/zoom.us/*.log", "Library/Logs/zoom.us/*.txt"),
	at("teams", "home", "Library/Containers/com.microsoft.teams2/Data/"+support+"Microsoft/MSTeams/Logs/*.log",
		"Library/Group Containers/UBF8T346G9.com.microsoft.teams/"+support+"Logs/*.log", support+"Microsoft/Teams/logs.txt"),
	at("tencent_meeting", "home", "Library/Containers/com.tencent.meeting/Data/Library/Global/Logs/*.log",
		"Library/Containers/com.tencent.meeting/Data/Library/Logs/*.log", support+"TencentMeeting/Global/Logs/*.log"),
	at("voov", "home", "Library/Containers/com.tencent.tencentmeeting/Data/Library/Global/Logs/*.log"),
	at("dingtalk", "home", support+"DingTalkMac/log/*.log", support+"DingTalkMac/*/log/*.log", "Library/Logs/DingTalk/*.log"),
	at("feishu", "home", support+"LarkShell/sdk_storage/log/*.log", support+"LarkShell/sdk_storage/log/*/*.log",
		"Library/Containers/com.bytedance.macos.feishu/Data/"+support+"LarkShell/sdk_storage/log/*/*.log"),
	at("classin", "home", support+"ClassIn/log/*.log", support+"ClassIn/logs/*.log", "Library/Logs/ClassIn/*.log"),
	at("wecom", "home", "Library/Containers/com.tencent.WeWorkMac/Data/"+support+"WXWork/Log/*.log", "Library/Containers/com.tencent.WeWorkMac/Data/Library/Logs/*.log"),
	at("webex", "home", "Library/Logs/SparkMacDesktop/*.log", "Library/Logs/SparkMacDesktop/*.txt", "Library/Logs/Webex Meetings/*.log"),
	at("jitsi", "home", "Library/Logs/Jitsi Meet/*.log", support+"Jitsi Meet/logs/*.log"),
}
